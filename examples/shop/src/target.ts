/** What a request that names nothing readable asks for: nothing here. */
const NOWHERE = new URL("http://shop/*");

/** The target of a request. Never throws: what a client sends must not be able to end the app ("//" is no URL). */
export function target(url = "/"): URL {
  const text = url.startsWith("/") ? `http://shop${url}` : url;
  return URL.canParse(text) ? new URL(text) : NOWHERE;
}
