// What the desk is asked most, as buttons: kept for a week, so that the desk is asked for them once.

import { readQuestions } from './desk.js'

const MOST = 3

/** What comes from a place that anyone may write to is checked. */
const checked = (list) => (Array.isArray(list) ? list.filter((text) => typeof text === 'string' && text).slice(0, MOST) : [])

/**
 * @param {HTMLElement} list
 * @param {object} storage
 * @param {{ ask(text: string): void, wrote(key: string, receipt: object): void, failed(error: Error): void }} page
 */
export function openQuestions(list, storage, page) {
  let loading
  let wanted = false

  const draw = () => {
    list.hidden = !wanted || !list.children.length
  }

  function button(text) {
    const item = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = text
    button.addEventListener('click', () => page.ask(text))
    item.append(button)
    return item
  }

  async function load() {
    let known = checked(await storage.get('questions').catch(() => undefined))
    if (!known.length) {
      known = checked((await readQuestions()).questions)
      void storage.set('questions', known).then((receipt) => page.wrote('questions', receipt)).catch(page.failed)
    }
    list.replaceChildren(...known.map(button))
    draw()
  }

  return {
    /** Without them the desk can be asked all the same. */
    load: () => (loading ??= load().catch(() => undefined)),
    /** @param {boolean} show */
    show(show) {
      wanted = show
      draw()
    },
  }
}
