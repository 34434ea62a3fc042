"""One company as every service sees it: Norrpost, a parcel carrier with a web shop for stamps, labels and boxes."""
