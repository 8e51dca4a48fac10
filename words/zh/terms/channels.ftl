channel-community-board = 社区公告栏
channel-console = 本机日志
channel-messaging = 短信微信
channel-newspaper = 报纸
channel-site-board = 现场公告栏
channel-website = 网站
