/* The pages: the web folder, read into memory at start and served from there. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api_private.h"
#include "base/log.h"

enum { MAX_PAGES = 512, MAX_PAGE_BYTES = 16 * 1024 * 1024 };

struct page {
	char *path; /* "/assets/salle-3F2A.js" */
	char *bytes, *gzip;
	size_t len, gzip_len;
	char etag[24];
};

struct pages {
	struct page list[MAX_PAGES];
	size_t count;
};

static const struct {
	const char *ending, *type;
} types[] = {{".html", "text/html; charset=utf-8"},
	     {".js", "text/javascript; charset=utf-8"},
	     {".css", "text/css; charset=utf-8"},
	     {".json", "application/json"},
	     {".geojson", "application/geo+json"},
	     {".webmanifest", "application/manifest+json"},
	     {".svg", "image/svg+xml"},
	     {".png", "image/png"},
	     {".ico", "image/x-icon"},
	     {".woff2", "font/woff2"},
	     {".pbf", "application/x-protobuf"},
	     {".txt", "text/plain; charset=utf-8"},
	     {".wasm", "application/wasm"}};

static struct str type_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_ends(str_from(path), str_from(types[i].ending)))
			return str_from(types[i].type);
	return STR("application/octet-stream");
}

static int read_file(const char *path, char **ret_bytes, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r = 0;
	struct stat about;
	char *bytes = NULL;
	size_t len = 0;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &about) < 0)
		r = -errno;
	else if (about.st_size > MAX_PAGE_BYTES)
		r = -EFBIG;
	if (!r)
		bytes = xmalloc((size_t)about.st_size + 1);
	while (!r && len < (size_t)about.st_size) {
		ssize_t got = read(fd, bytes + len, (size_t)about.st_size - len);

		if (got <= 0)
			r = got < 0 ? -errno : -EIO;
		else
			len += (size_t)got;
	}
	close(fd);
	if (r) {
		free(bytes);
		return r;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}

static struct page *find(struct pages *p, struct str path)
{
	for (size_t i = 0; i < p->count; i++)
		if (str_eq(path, str_from(p->list[i].path)))
			return &p->list[i];
	return NULL;
}

static void set_etag(struct page *page)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < page->len; i++)
		hash = (hash ^ (uint8_t)page->bytes[i]) * 1099511628211u;
	snprintf(page->etag, sizeof(page->etag), "\"%016llx\"", (unsigned long long)hash);
}

static int add_file(struct pages *p, const char *file, const char *path)
{
	struct str name = str_from(path);
	bool is_gzip = str_ends(name, STR(".gz"));
	struct page *page;
	char *bytes = NULL;
	size_t len = 0;
	int r = read_file(file, &bytes, &len);

	if (r)
		return r;
	if (is_gzip)
		name.len -= 3;
	page = find(p, name);
	if (!page) {
		if (p->count == MAX_PAGES) {
			free(bytes);
			return -E2BIG;
		}
		page = &p->list[p->count++];
		page->path = str_dup(name);
	}
	if (is_gzip) {
		page->gzip = bytes;
		page->gzip_len = len;
	} else {
		page->bytes = bytes;
		page->len = len;
		set_etag(page);
	}
	return 0;
}

static int add_folder(struct pages *p, const char *folder, const char *path)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	while (!r && (entry = readdir(dir))) {
		char file[1024], inside[512];
		struct stat about;

		if (entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name) >=
			    sizeof(file) ||
		    (size_t)snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name) >=
			    sizeof(inside))
			r = -ENAMETOOLONG;
		else if (stat(file, &about) < 0)
			r = -errno;
		else
			r = S_ISDIR(about.st_mode) ? add_folder(p, file, inside)
						   : add_file(p, file, inside);
	}
	closedir(dir);
	return r;
}

int pages_load(const char *folder, struct pages **ret_pages)
{
	struct pages *p = xcalloc(1, sizeof(*p));
	int r = add_folder(p, folder, "");

	*ret_pages = p;
	if (r == -ENOENT) {
		log_warning("pages.absent", "the web folder has not been built");
		return 0;
	}
	if (r)
		log_error("pages.load_failed", "error=%d", r);
	return r;
}

void pages_free(struct pages *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++) {
		free(p->list[i].path);
		free(p->list[i].bytes);
		free(p->list[i].gzip);
	}
	free(p);
}

/* The page behind an address: links carry a secret in the path, so they all are one page. */
static struct str page_path(struct str path)
{
	if (str_eq(path, STR("/")))
		return STR("/index.html");
	if (str_eq(path, STR("/salle")) || str_eq(path, STR("/salle/")))
		return STR("/salle.html");
	if (str_starts(path, STR("/s/")))
		return STR("/suivi.html");
	if (str_starts(path, STR("/p/")))
		return STR("/patrouille.html");
	if (str_starts(path, STR("/c/")))
		return STR("/confirmation.html");
	if (str_eq(path, STR("/bouton")) || str_eq(path, STR("/bouton/")))
		return STR("/bouton.html");
	if (str_eq(path, STR("/journal")) || str_eq(path, STR("/journal/")))
		return STR("/journal.html");
	if (str_eq(path, STR("/inscription")) || str_eq(path, STR("/inscription/")))
		return STR("/inscription.html");
	if (str_eq(path, STR("/mon-dossier")) || str_eq(path, STR("/mon-dossier/")))
		return STR("/mon-dossier.html");
	if (str_eq(path, STR("/guichet")) || str_eq(path, STR("/guichet/")))
		return STR("/guichet.html");
	return path;
}

/* The button hears, knows where it is and keeps the screen awake; the room talks. */
static void allow_what_it_needs(const struct page *page, const char **headers, size_t count)
{
	static const struct {
		const char *path, *policy;
	} pages[] = {{"/bouton.html", "microphone=(self), geolocation=(self), "
				      "screen-wake-lock=(self), camera=(), payment=(), usb=()"},
		     {"/salle.html", "microphone=(self), geolocation=(), screen-wake-lock=(), "
				     "camera=(), payment=(), usb=()"}};
	const char *policy = NULL;

	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (!strcmp(page->path, pages[i].path))
			policy = pages[i].policy;
	for (size_t i = 0; policy && i < count; i += 2)
		if (!strcmp(headers[i], "Permissions-Policy"))
			headers[i + 1] = policy;
}

static void answer_page(struct api *a, const struct http_request *r, const struct page *page)
{
	bool fresh = str_eq(http_header(r, "If-None-Match"), str_from(page->etag));
	struct str accepted = http_header(r, "Accept-Encoding");
	bool gzip = page->gzip && accepted.len && memmem(accepted.ptr, accepted.len, "gzip", 4);
	bool asset = str_starts(str_from(page->path), STR("/assets/"));
	const char *headers[32];
	size_t count = 0;
	struct http_response response = {
		.status = fresh ? 304 : 200,
		.content_type = fresh ? STR_NONE : type_of(page->path),
		.body = fresh  ? STR_NONE
			: gzip ? str_of(page->gzip, page->gzip_len)
			       : str_of(page->bytes, page->len),
	};

	security_headers(a, r->secure, headers, &count);
	allow_what_it_needs(page, headers, count);
	headers[count++] = "ETag";
	headers[count++] = page->etag;
	headers[count++] = "Cache-Control";
	headers[count++] = asset ? "public, max-age=31536000, immutable" : "no-cache";
	if (gzip && !fresh) {
		headers[count++] = "Content-Encoding";
		headers[count++] = "gzip";
	}
	headers[count++] = "Vary";
	headers[count++] = "Accept-Encoding";
	headers[count] = NULL;
	response.headers = headers;
	http_reply(a->http, r->id, &response);
}

bool pages_answer(struct api *a, const struct http_request *r)
{
	const struct page *page;

	if ((r->method != HTTP_GET && r->method != HTTP_HEAD) || str_starts(r->path, STR("/api/")))
		return false;
	page = find(a->pages, page_path(r->path));
	if (!page || !page->bytes)
		return false;
	answer_page(a, r, page);
	return true;
}
