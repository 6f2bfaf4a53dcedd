"""The computing module: pure functions, data in, data out; it could be published alone.

Its public face is CATALOGUE, every indicator with the lines of its « bulle bleue », and the functions of its modules.
"""

from fichetrack.indicators import emploi, financements, foncier, metiers, mobilite, specificite, zonages
from fichetrack.indicators.catalogue import Indicator

CATALOGUE: tuple[Indicator, ...] = (
    *specificite.INDICATORS,
    *metiers.INDICATORS,
    *foncier.INDICATORS,
    *emploi.INDICATORS,
    *mobilite.INDICATORS,
    *zonages.INDICATORS,
    *financements.INDICATORS,
)
