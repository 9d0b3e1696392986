/** Where the gateway is, ending in a slash: the server writes <base href> into the page, below any sub-path. */
export function gatewayUrl(): string {
  return new URL('.', document.baseURI).href
}

/** An address of the gateway; `path` may begin with a slash. */
export function atGateway(path: string): string {
  return new URL(path.replace(/^\//, ''), gatewayUrl()).href
}
