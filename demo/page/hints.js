// One line that says what can be seen next, for a visitor who has never heard of any of this.

const SIBLING = { shop: 'Help', help: 'Shop' }

/**
 * @typedef {object} Seen
 * @property {string} site
 * @property {boolean} isOn whether the vendor serves the hub
 * @property {{ state: string, reach: string, mayReach?: string } | undefined} hub
 * @property {{ tier: string } | undefined} token where it counts
 * @property {boolean} lost a token was seen on the hub, which does not answer now
 * @property {string} phase of the session
 */

/** @param {Seen} seen @param {string} sibling */
function withoutHub({ token, lost, phase }, sibling) {
  if (phase === 'left' && lost) return 'What the hub still has is outranked on this subdomain, and goes as soon as the hub answers this page again.'
  if (token?.tier === 'cookie') return `The hub does not answer, so a cookie of the whole site has the token. Go to ${sibling}: the conversation is there all the same.`
  if (token) return `Neither the hub nor a cookie takes the token. Go to ${sibling}: the conversation is not there.`
  if (lost) return 'The hub has the token and does not answer. The conversation goes on: write again, and the next rung takes the new one.'
  return 'The hub is off, for every page. What is in it cannot be told until it is on again.'
}

/** @param {Seen} seen */
export function hintFor(seen) {
  const { site, isOn, hub, token } = seen
  const sibling = SIBLING[site]
  if (!sibling) return token ? "This conversation is Alder's alone. Go to Stipe: nobody there knows of it." : "Nothing of Stipe's conversations is here: Alder has the same chat, and a part of the hub that is its own."
  if (!isOn) return withoutHub(seen, sibling)
  if (!token) return `Ask the desk something, then go to ${sibling}: the conversation will be there.`
  if (hub?.state === 'down' || (token.tier !== 'hub' && token.tier !== 'cookie')) return withoutHub(seen, sibling)
  if (hub?.reach === 'site') return token.tier === 'hub' ? 'The hub is proven to reach the whole site, so no cookie carries the token. Switch the hub off and write again, or go to Alder.' : 'The hub is back. The newer token is in the cookie and outranks what the hub still had; the next one goes to the hub again.'
  if (hub?.mayReach) return `The token is in the hub and in a cookie, because nobody knows yet how far the hub reaches. Go to ${sibling}: that is the proof.`
  return `This browser keeps a hub for each origin, so the cookie carries the token. Go to ${sibling}: the conversation is there.`
}
