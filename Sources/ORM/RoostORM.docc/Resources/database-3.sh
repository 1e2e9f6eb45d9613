roost migrate new "lending library"
