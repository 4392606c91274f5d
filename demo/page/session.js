// The main job: a conversation that survives whatever happens to the browser, through one token.

import { beginSession, readConversation, sendMessage } from './desk.js'
import { titleOf } from './phrases.js'

/**
 * @typedef {'starting' | 'new' | 'open' | 'over' | 'left' | 'unsure'} Phase
 * @typedef {{ phase: Phase, messages: { from: string, text: string, at: number }[], from?: string, returning?: boolean, trouble?: string }} State
 */

/**
 * @param {object} storage
 * @param {{ changed(): void, wrote(key: string, receipt: object): void, said(kind: string, text: string): void }} page
 */
export function openSession(storage, page) {
  // The page's own copy. A rung that breaks under a page at work takes nothing from it.
  let token
  /** @type {State} */
  let now = { phase: 'starting', messages: [] }
  // Counts the sessions that ended here: what the desk answers to an ended one is not taken up.
  let ended = 0

  function become(next) {
    now = { messages: [], ...next }
    page.changed()
  }

  function end(phase) {
    token = undefined
    ended += 1
    become({ phase })
  }

  async function keep(name, value) {
    page.wrote(name, await storage.set(name, value))
  }

  /** Where the copy that counts is, if it can be read. */
  async function whereIs(name) {
    return (await storage.inspect(name)).copies.find((copy) => copy.wins)?.tier
  }

  /** Looks for the token, and asks the desk for the conversation that belongs to it. */
  async function restore() {
    const before = ended
    const had = token !== undefined
    const found = await storage.get('token').catch((error) => ({ error }))
    if (before !== ended) return
    // "Cannot tell" is not "absent": the conversation may be there tomorrow.
    if (found?.error) return become({ phase: 'unsure', trouble: found.error.message })
    if (found === undefined) {
      if (had) end('over')
      else if (now.phase !== 'left' && now.phase !== 'over') become({ phase: 'new' })
      return
    }
    token = found
    const from = await whereIs('token')
    const answer = await readConversation(token).catch((error) => ({ error }))
    if (before !== ended) return
    if (!answer.error) {
      become({ phase: 'open', messages: answer.messages, from })
      if (!had) page.said('read', `The token came back from ${titleOf(from)}.`)
    } else if (answer.error.status === 401) {
      // The desk does not know this token any more; keeping it would only repeat the question.
      await storage.remove('token')
      end('over')
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
    await keep('visitor', session.visitor)
    await keep('token', token)
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
    await keep('token', token)
    page.changed()
  }

  /** Forgets everything here. The desk keeps its side, so that a token which came back would show. */
  async function logOut() {
    end('left')
    try {
      await storage.clear()
      page.changed()
    } catch (error) {
      become({ phase: 'left', trouble: `Not everything could be removed: ${error.message}` })
    }
  }

  return { restore, send, logOut, whereIs, now: () => now }
}
