// The only place that speaks HTTP. Plain GET requests without headers, so that the same calls work from any origin
// without a preflight; there are no cookies. Errors arrive as RFC 9457 problem documents and leave as ApiError.

const ROOT = "/api/";
const PATIENCE_MS = 15000;

export class ApiError extends Error {
  constructor(status, title, detail, parameter = "") {
    super(title);
    this.status = status;
    this.detail = detail;
    this.parameter = parameter; // the one that was not understood, if that is what went wrong
  }
  get gone() {
    return this.status === 404 || this.status === 410;
  }
}

async function get(path, { signal, cache = "default" } = {}) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), PATIENCE_MS);
  const stop = () => timeout.abort();
  signal?.addEventListener("abort", stop);
  try {
    const response = await fetch(ROOT + path, { signal: timeout.signal, cache });
    const body = await response.json().catch(() => null);
    if (!response.ok) throw new ApiError(response.status, text(body?.title) || "Something went wrong", text(body?.detail), text(body?.parameter));
    if (!body || typeof body !== "object") throw new ApiError(502, "The answer could not be read", "");
    return body;
  } catch (error) {
    if (error instanceof ApiError || signal?.aborted) throw error;
    if (timeout.signal.aborted) throw new ApiError(0, "This is taking too long", "The connection may be slow.");
    throw new ApiError(0, "We cannot reach the listings", "Please check your connection.");
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
  }
}

const text = (value) => (typeof value === "string" ? value.slice(0, 300) : "");

// `fresh` asks the browser to check its copy with the server: used when a newer generation has been announced.
const policy = (fresh) => (fresh ? "no-cache" : "default");

export const api = {
  featured: ({ fresh, signal } = {}) => get("framer/featured", { signal, cache: policy(fresh) }),
  properties: (query, { fresh, signal } = {}) => get("framer/properties?" + query, { signal, cache: policy(fresh) }),
  property: (slug, { fresh, signal } = {}) => get("framer/property/" + encodeURIComponent(slug), { signal, cache: policy(fresh) }),
  similar: (slug, { fresh, signal } = {}) => get(`properties/${encodeURIComponent(slug)}/similar`, { signal, cache: policy(fresh) }),
  areas: ({ fresh, signal } = {}) => get("areas", { signal, cache: policy(fresh) }),
  suggest: (words, channel, { signal } = {}) => get("properties/suggest?" + new URLSearchParams({ q: words.slice(0, 100), channel, limit: 7 }), { signal }),
  health: () => get("framer/health", { cache: "no-store" }),
};

export const isAbort = (error) => error?.name === "AbortError";
