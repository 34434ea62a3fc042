"""Who owns things at Norrpost, as OpenMetadata knows them."""

from __future__ import annotations

# The lake also names owners that nobody has entered in OpenMetadata (hr, carrier-team), as lakes do.
TEAMS = {
    "web": "Web shop front end",
    "shop": "Web shop",
    "operations": "Parcel operations",
    "finance": "Finance",
    "data-science": "Data science",
    "analytics": "Analytics",
    "service-desk": "Service desk",
    "data-platform": "Data platform",
}
USERS = {
    "lena.berg": "Lena Berg",
    "omar.haddad": "Omar Haddad",
    "mei.tanaka": "Mei Tanaka",
    "piotr.nowak": "Piotr Nowak",
}
