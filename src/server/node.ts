/** What is used of node's `IncomingMessage`. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly headers: object
  iterator(options: { destroyOnReturn: boolean }): AsyncIterator<unknown>
  resume(): unknown
}

/** What is used of node's `ServerResponse`. */
export interface NodeResponse {
  statusCode: number
  setHeaders(headers: Headers): unknown
  end(body?: Uint8Array): unknown
}

/**
 * A handler of the Fetch API as a listener for `node:http`, which this file does not import. What cannot be a request
 * is answered with 400, and a handler that rejects with 500. The URL's host is `localhost`: a Host header says anything.
 *
 * @example
 * import { nodeListener } from 'holdfast/server'
 * const listener = nodeListener(async (request) => new Response('hello from ' + new URL(request.url).pathname))
 * // createServer(listener).listen(8080)
 * typeof listener // => 'function'
 */
export const nodeListener =
  (handler: (request: Request) => Promise<Response>) =>
  async (incoming: NodeRequest, outgoing: NodeResponse): Promise<void> => {
    let body: Uint8Array | undefined
    try {
      const { method, headers, url } = incoming
      // The socket stays open for the answer where the body is not read to its end.
      const content = /^(GET|HEAD)$/.test(method!) ? null : incoming.iterator({ destroyOnReturn: false })
      const response = await handler(new Request(new URL(url!, 'http://localhost'), { method, headers, body: content, duplex: 'half' } as unknown as RequestInit))
      body = new Uint8Array(await response.arrayBuffer())
      outgoing.setHeaders(response.headers)
      outgoing.statusCode = response.status
    } catch {
      outgoing.statusCode = 400
    }
    outgoing.end(body)
    incoming.resume()
  }
