"""What people take home from the screen: tables, one file that plays without a server, a handout, a film."""
