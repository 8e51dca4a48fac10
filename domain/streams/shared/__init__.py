"""What several kinds of streams share: postings, sites, variations, consent, waiting."""
