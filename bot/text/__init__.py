"""Words for people, without any markup."""
