roost migrate new "lending library"
roost migrate plan "$LIBRARY_URL"
roost migrate apply "$LIBRARY_URL"
