"""`python -m deploy.demo`."""

from deploy.demo.command import main

main()
