// The vendor's desk, over the wire. The token travels in a header, never in an address.

export const VENDOR = document.documentElement.dataset.vendor

/** What the desk answered instead of what was asked; `status` is 0 when it could not be reached. */
export class DeskError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

async function ask(method, path, { token, body } = {}) {
  const response = await fetch(VENDOR + path, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'Content-Type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => {
    throw new DeskError(0, 'The desk cannot be reached.')
  })
  const answer = await response.json().catch(() => ({}))
  if (!response.ok) throw new DeskError(response.status, answer.error ?? 'The desk could not answer.')
  return answer
}

/** A new session. The visitor id, if there is one, only earns a warmer welcome. */
export const beginSession = (visitor) => ask('POST', '/api/session', { body: visitor ? { visitor } : {} })

export const readConversation = (token) => ask('GET', '/api/conversation', { token })

export const sendMessage = (token, text) => ask('POST', '/api/messages', { token, body: { text } })

/** What this brand's desk is asked most. */
export const readQuestions = () => ask('GET', '/api/questions')

/** Whether the vendor's server serves the hub: `on`, `off` (it answers 503) or `silent` (it never answers). */
export const readHubSwitch = () => ask('GET', '/api/hub')

export const turnHubSwitch = (position) => ask('PUT', '/api/hub', { body: { position } })
