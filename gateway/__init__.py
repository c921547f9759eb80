"""HTTP: the REST API and the web pages. Knows the contracts, never the services."""
