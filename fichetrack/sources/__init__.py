"""Published files read: a layout in, tidy Parquet tables and a report out. No Flask and no database here.

One module per source, named like its folder of imports/ (whose source.toml declares titles, columns and cadence). Each
has `read(file, ground, folder, options, say) -> Reading`; `registry.READERS` lists them. Computing is for indicators/.
"""
