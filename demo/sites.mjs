// Who is who: two subdomains of one brand, another brand, and the vendor whose chat they all have.
//
// Browsers send every name under `.localhost` to this machine, and keep `stipe.localhost` and `alder.localhost`
// apart as they do two domains. So the real thing can be seen with one server and without set-up.

/** The brands' sites, by the name of their page. */
export const SITES = {
  shop: {
    brand: 'stipe',
    host: 'shop.stipe.localhost',
    title: 'Stipe, surf repair',
    description: 'A surf repair shop with a chat at its desk, and beside it the ladder of places where the chat keeps its session.',
  },
  help: {
    brand: 'stipe',
    host: 'help.stipe.localhost',
    title: 'Stipe, help with your kit',
    description: 'The help pages of a surf repair shop, on a subdomain of their own, with the conversation that was begun in the shop.',
  },
  alder: {
    brand: 'alder',
    host: 'www.alder.localhost',
    title: 'Alder, bicycle workshop',
    description: "A bicycle workshop with the same vendor's chat, which knows nothing of the surf shop's conversations.",
  },
}

/** What the desk asks first. */
export const QUESTIONS = { stipe: 'What has the sea done to it?', alder: 'What has the road done to it?' }

export const VENDOR_HOST = 'chat.bollard.localhost'

/** @param {string} host @param {string} port `''` or `'80'`: the usual one, which browsers leave out of an origin */
export const originAt = (host, port) => `http://${host}${port && port !== '80' ? `:${port}` : ''}`

/**
 * Who may use the vendor's hub: every subdomain of the first brand, and one host of the second.
 * @param {string} port
 */
export const allowAt = (port) => [originAt('*.stipe.localhost', port), originAt(SITES.alder.host, port)]

/** The addresses of all sites, as the pages call them. @param {string} port */
export const addressesAt = (port) => ({
  vendor: originAt(VENDOR_HOST, port),
  ...Object.fromEntries(Object.entries(SITES).map(([name, { host }]) => [name, originAt(host, port)])),
})
