// The chat at the corner of the page: a window that opens, closes, and is as it was left after a reload.

import { openMessages } from './bubbles.js'
import { openCompose } from './compose.js'
import { openQuestions } from './questions.js'

const AT_EASE = 'Usually answers at once'
const AT_WORK = 'The desk is writing…'

/**
 * @param {object} storage
 * @param {ReturnType<typeof import('./session.js').openSession>} session
 * @param {{ wrote(key: string, receipt: object): void, failed(error: Error): void, changed(): void, opened(): void }} page
 */
export function openChat(storage, session, page) {
  const chat = document.querySelector('#chat')
  const launcher = document.querySelector('.launcher')
  const line = chat.querySelector('[data-chat-line]')
  const messages = openMessages(chat.querySelector('[data-messages]'), chat.dataset.question)
  const compose = openCompose(chat.querySelector('[data-compose]'), storage, { ...page, send })
  const questions = openQuestions(chat.querySelector('[data-questions]'), storage, { ...page, ask })
  let opener = launcher

  async function send(text) {
    line.textContent = AT_WORK
    try {
      await session.send(text)
    } catch (error) {
      messages.note(`Not sent: ${error.message}`)
      throw error
    } finally {
      line.textContent = AT_EASE
    }
  }

  /** One of the questions, whose button goes: the conversation has the focus then, and no phone's keyboard opens. */
  function ask(text) {
    chat.querySelector('[data-messages]').focus()
    compose.ask(text)
  }

  function show(open) {
    chat.hidden = !open
    launcher.hidden = open
    launcher.setAttribute('aria-expanded', String(open))
    if (open) void questions.load()
  }

  async function keep(open) {
    try {
      page.wrote('panel', await storage.set('panel', open ? 'open' : 'closed'))
    } catch (error) {
      page.failed(error)
    }
  }

  function open(from) {
    opener = from
    show(true)
    compose.focus()
    page.opened()
    void keep(true)
  }

  function close() {
    show(false)
    opener.focus()
    void keep(false)
  }

  for (const button of document.querySelectorAll('[data-open-chat]')) button.addEventListener('click', () => open(button))
  chat.querySelector('[data-close-chat]').addEventListener('click', close)
  chat.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close()
  })

  return {
    draw() {
      const state = session.now()
      messages.draw(state)
      questions.show(['new', 'over', 'left'].includes(state.phase))
    },
    /** Puts the window and the draft back as they were left. Takes no focus: the visitor asked for nothing yet. */
    async restore() {
      show((await storage.get('panel').catch(() => undefined)) === 'open')
      await compose.restore()
    },
    forgetDraft: compose.forget,
  }
}
