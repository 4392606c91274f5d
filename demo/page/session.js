// The main job: a conversation that survives whatever happens to the browser, through one token.

import { beginSession, readConversation, sendMessage } from './desk.js'
import { RUNGS } from './kept.js'
import { placeOf } from './phrases.js'

/**
 * @typedef {'starting' | 'new' | 'open' | 'over' | 'leaving' | 'left' | 'unsure'} Phase
 * @typedef {{ phase: Phase, messages: { from: string, text: string, at: number }[], from?: string, returning?: boolean, trouble?: string }} State
 */

/**
 * @param {object} storage
 * @param {{ changed(): void, left(): void, cleared(): void, now(): number, wrote(key: string, receipt: object): void, failed(error: Error): void, said(kind: string, text: string): void }} page
 */
export function openSession(storage, page) {
  // The page's own copy. A rung that breaks under a page at work takes nothing from it.
  let token
  let expires = Infinity
  /** @type {State} */
  let now = { phase: 'starting', messages: [] }
  // Counts the sessions that ended here: what the desk answers to an ended one is not taken up.
  let ended = 0
  let clearing = false
  const otherTabs = new BroadcastChannel('bollard-chat')

  function become(next) {
    now = { messages: [], ...next }
    page.changed()
  }

  function end(phase) {
    token = undefined
    expires = Infinity
    ended += 1
    if (phase === 'leaving') page.left()
    become({ phase })
  }

  /** A visitor of whom nothing can be kept can talk all the same, until the page is left. */
  async function keep(name, value) {
    try {
      const receipt = await storage.set(name, value)
      page.wrote(name, receipt)
      return receipt
    } catch (error) {
      page.failed(error)
      return undefined
    }
  }

  async function keepToken() {
    expires = (await keep('token', token))?.expires ?? expires
  }

  /** The copy of the token that counts, as far as it can be seen. */
  async function look() {
    const { copies } = await storage.inspect('token').catch(() => ({ copies: [] }))
    return copies.find((copy) => copy.wins)
  }

  /** No rung that answers has the token. That ends a session at work, unless the rung that holds it is down. */
  async function missed() {
    if (token === undefined) return ['leaving', 'left', 'over'].includes(now.phase) ? undefined : become({ phase: 'new' })
    const before = ended
    const { tiers } = await storage.status()
    if (before !== ended) return
    if (expires <= page.now() || tiers.every(({ name, state }) => state !== 'down' || !RUNGS.includes(name))) end('over')
  }

  /** A visit: the visitor's year begins anew, and the next page learns what this one found out about the hub. */
  function arrived(copy) {
    if (copy) page.said('read', `The token came back from ${placeOf(copy.tier)}.`)
    void storage.touch('visitor').then(page.changed, page.failed)
  }

  /** Looks for the token, and asks the desk for the conversation that belongs to it. */
  async function restore() {
    // What is being removed is still there, and does not count.
    if (clearing) return
    const before = ended
    const known = token !== undefined
    const found = await storage.get('token').catch((error) => ({ error }))
    if (before !== ended) return
    // "Cannot tell" is not "absent": the conversation may be there tomorrow.
    if (found?.error) return known ? undefined : become({ phase: 'unsure', trouble: found.error.message })
    if (found === undefined) return missed()
    token = found
    const copy = await look()
    const answer = await readConversation(token).catch((error) => ({ error }))
    if (before !== ended) return
    expires = copy?.expires ?? Infinity
    if (!answer.error) {
      become({ phase: 'open', messages: answer.messages, from: known ? undefined : copy?.tier })
      if (!known) arrived(copy)
    } else if (answer.error.status === 401) {
      // The desk does not know this token any more; keeping it would only repeat the question.
      end('over')
      await storage.remove('token').catch(page.failed)
    } else {
      become({ phase: 'unsure', trouble: answer.error.message })
    }
  }

  async function begin() {
    const before = ended
    const visitor = await storage.get('visitor').catch(() => undefined)
    const session = await beginSession(visitor)
    if (before !== ended) return
    token = session.token
    now = { ...now, returning: session.returning }
    void keep('visitor', session.visitor)
    void keepToken()
  }

  /** Sends a message; the desk answers with a renewed token, which is kept in the old one's stead. */
  async function send(text) {
    const before = ended
    if (token === undefined) await begin()
    if (before !== ended) return
    const answer = await sendMessage(token, text)
    // Logged out while the desk was answering: the renewed token must not bring the session back.
    if (before !== ended) return
    token = answer.token
    become({ phase: 'open', messages: answer.messages, returning: now.returning })
    // Nobody waits for a rung that hangs: the page has the token, and writes of one key stay in order.
    void keepToken()
  }

  /** Says that it is done when it is, unless the visitor has written again meanwhile. */
  function left(trouble) {
    if (now.phase === 'leaving') become({ phase: 'left', trouble })
    else page.changed()
  }

  /** The rungs that other subdomains share, and that could not be told of the end. */
  async function untold() {
    const { tiers } = await storage.status()
    const places = tiers.filter(({ name, state, reach }) => RUNGS.includes(name) && state === 'down' && (name === 'hub' || reach === 'site')).map(({ name }) => placeOf(name))
    if (!places.length) return
    const elsewhere = tiers.some(({ name, state, reach }) => RUNGS.includes(name) && state !== 'down' && reach === 'site')
    const meanwhile = elsewhere ? 'What is kept there counts no more, and goes when it answers.' : 'Another subdomain may still find the session there, until this page gets an answer.'
    return `Not told yet: ${places.join(', ')}. ${meanwhile}`
  }

  /** Forgets everything here. The desk keeps its side, so that a token which came back would show. */
  async function logOut() {
    end('leaving')
    // Told first, so that no other tab writes its token again while this one clears.
    otherTabs.postMessage('leaving')
    clearing = true
    const trouble = await storage.clear().then(untold, (error) => `Not everything could be removed: ${error.message}`)
    clearing = false
    page.cleared()
    left(trouble)
    otherTabs.postMessage('left')
    page.said('cleared', trouble ?? 'Logged out: nothing of this chat is kept.')
  }

  otherTabs.addEventListener('message', ({ data }) => (data === 'leaving' ? end('leaving') : left()))

  return { restore, send, logOut, now: () => now }
}
