"""The rules of loyalty: what is in force, what was, and what shall be."""

from contracts.loyalty import EndProgramme, ListProgrammes, PublishProgramme, ShowProgramme, ShowProgrammeVersion
from gateway.route import Area

area = Area("loyalty programmes", "Rules of discounts, by version")
expose = area.expose

VERSION = "/loyalty/programmes/<uuid:id>"

expose("GET", "/loyalty/programme", ShowProgramme, "Show the rules in force")
expose("PUT", "/loyalty/programme", PublishProgramme, "Put rules into force")
expose("GET", "/loyalty/programmes", ListProgrammes, "List the rules that were ever published")
expose("GET", VERSION, ShowProgrammeVersion, "Show one version of the rules", resource=ShowProgrammeVersion)
expose("POST", f"{VERSION}/end", EndProgramme, "End a version of the rules", resource=ShowProgrammeVersion)
