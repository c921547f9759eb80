"""`python -m deploy.importer`."""

from deploy.importer.command import main

main()
