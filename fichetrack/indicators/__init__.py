"""The computing module: figures and shapes from data alone, no Flask, no database, nothing of ours outside itself.

It could be published by itself. For now it holds geometry (geo.py); the territory panel's figures will stand beside it.
"""
