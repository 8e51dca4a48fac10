channel-community-board = community board
channel-console = console
channel-messaging = messaging
channel-newspaper = newspaper
channel-site-board = site board
channel-website = website
