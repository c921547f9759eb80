"""The public booking page, the page of a secret link, and the widget that shows both on a salon's own site."""
