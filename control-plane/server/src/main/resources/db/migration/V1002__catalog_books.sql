-- Whose documents a catalog's are numbered with: catalogs of one seller keep one book, named after the first of them.
-- One without a row keeps its own.
CREATE TABLE catalog_books (
  catalog text PRIMARY KEY,
  book text NOT NULL
);
CREATE INDEX catalog_books_book ON catalog_books (book);
