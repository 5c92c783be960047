"""An error text: taken apart (`prepare`), searched for phrases (`search`), explained (`explain`). Pure."""
