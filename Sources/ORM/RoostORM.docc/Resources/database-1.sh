docker run --rm -d -p 5432:5432 -e POSTGRES_PASSWORD=secret -e POSTGRES_DB=library postgres:15
export LIBRARY_URL='postgresql://postgres@localhost/library?sslmode=disable' PGPASSWORD=secret
mkdir library && cd library && swift package init --type executable
