// The chat at the corner of the shop: what is seen of the session.

import { timeOfDay, titleOf } from './phrases.js'

const DRAFT_PAUSE = 250

/** What the desk's side of the window says when there is no conversation to show. */
const WELCOMES = {
  starting: '',
  new: 'Hello. What has the sea done to it?',
  over: 'Your last session has ended, a day after its last message. Write again and we start afresh.',
  left: 'You are logged out. The conversation is gone from this browser.',
  unsure: 'We cannot tell yet whether you have a conversation with us.',
}

/** @param {string} from @param {string} text @param {number} [at] */
function bubble(from, text, at) {
  const item = document.createElement('div')
  item.className = `bubble ${from}`
  const who = document.createElement('span')
  who.className = 'unseen'
  who.textContent = from === 'visitor' ? 'You: ' : from === 'desk' ? 'The desk: ' : ''
  const body = document.createElement('p')
  body.append(who, text)
  item.append(body)
  if (at !== undefined) {
    const time = document.createElement('time')
    time.dateTime = new Date(at).toISOString()
    time.textContent = timeOfDay(at).slice(0, 5)
    item.append(time)
  }
  return item
}

/** @param {import('./session.js').State} state */
function bubblesOf(state) {
  if (state.phase !== 'open') {
    const lines = [bubble('desk', WELCOMES[state.phase])]
    if (state.trouble) lines.push(bubble('note', state.trouble))
    return state.phase === 'starting' ? [] : lines
  }
  const lines = [bubble('desk', state.returning ? 'Hello again. What has the sea done to it this time?' : WELCOMES.new)]
  for (const { from, text, at } of state.messages) lines.push(bubble(from, text, at))
  if (state.from) lines.push(bubble('note', `Picked up where you left off: your session came back from ${titleOf(state.from)}.`))
  return lines
}

/**
 * @param {object} storage
 * @param {ReturnType<typeof import('./session.js').openSession>} session
 * @param {{ wrote(key: string, receipt: object): void, failed(error: Error): void, changed(): void }} page
 */
export function openChat(storage, session, page) {
  const chat = document.querySelector('#chat')
  const launcher = document.querySelector('.launcher')
  const messages = chat.querySelector('[data-messages]')
  const form = chat.querySelector('[data-compose]')
  const field = form.querySelector('textarea')
  const line = chat.querySelector('[data-chat-line]')
  let opener = launcher
  let draftTimer
  let shown = ''

  function show(open) {
    chat.hidden = !open
    launcher.hidden = open
    launcher.setAttribute('aria-expanded', String(open))
    document.body.classList.toggle('chatting', open)
    messages.scrollTop = messages.scrollHeight
  }

  async function keepPanel(open) {
    try {
      page.wrote('panel', await storage.set('panel', open ? 'open' : 'closed'))
    } catch (error) {
      page.failed(error)
    }
  }

  function open(from) {
    opener = from
    show(true)
    field.focus()
    void keepPanel(true)
  }

  function close() {
    show(false)
    ;(opener.isConnected && opener !== document.body ? opener : launcher).focus()
    void keepPanel(false)
  }

  async function keepDraft() {
    clearTimeout(draftTimer)
    try {
      if (field.value.trim()) page.wrote('draft', await storage.set('draft', field.value))
      else await storage.remove('draft')
    } catch (error) {
      page.failed(error)
    }
    page.changed()
  }

  async function send() {
    const text = field.value.trim()
    if (!text || form.ariaBusy === 'true') return
    form.ariaBusy = 'true'
    line.textContent = 'The desk is writing…'
    try {
      await session.send(text)
      field.value = ''
      await keepDraft()
    } catch (error) {
      page.failed(error)
      messages.append(bubble('note', `Not sent: ${error.message}`))
      messages.scrollTop = messages.scrollHeight
    }
    form.ariaBusy = 'false'
    line.textContent = 'Usually answers at once'
  }

  /** Draws the conversation again, if it is another than before: a screen reader hears only what is new. */
  function draw() {
    const state = session.now()
    const bubbles = bubblesOf(state)
    const next = bubbles.map((item) => item.textContent)
    const same = JSON.stringify(next)
    if (same === shown) return
    const grown = messages.children.length > 0 && [...messages.children].every((item, index) => item.textContent === next[index])
    if (grown) messages.append(...bubbles.slice(messages.children.length))
    else messages.replaceChildren(...bubbles)
    shown = same
    messages.scrollTop = messages.scrollHeight
  }

  for (const button of document.querySelectorAll('[data-open-chat]')) button.addEventListener('click', () => open(button))
  chat.querySelector('[data-close-chat]').addEventListener('click', close)
  chat.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    void send()
  })
  field.addEventListener('input', () => {
    clearTimeout(draftTimer)
    draftTimer = setTimeout(keepDraft, DRAFT_PAUSE)
  })

  // A phone's keyboard takes half the window; the newest message stays in sight.
  new ResizeObserver(() => {
    messages.scrollTop = messages.scrollHeight
  }).observe(messages)

  return {
    draw,
    /** Puts the window and the draft back as they were left. Takes no focus: the visitor asked for nothing yet. */
    async restore() {
      const panel = await storage.get('panel').catch(() => undefined)
      show(panel === 'open')
      const draft = await storage.get('draft').catch(() => undefined)
      if (draft && !field.value) field.value = draft
    },
    /** The draft belongs to the visitor who wrote it, and goes with the session. */
    forgetDraft() {
      clearTimeout(draftTimer)
      field.value = ''
    },
  }
}
