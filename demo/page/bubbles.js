// The conversation as it is seen: bubbles, and notes between them.

import { placeOf, timeOfDay } from './phrases.js'

/** What the desk's side of the window says when there is no conversation to show. */
const WELCOMES = {
  over: 'Your last session has ended. Write again and we start afresh.',
  leaving: 'Logging you out…',
  left: 'You are logged out. The conversation is gone from here, and will not come back.',
  unsure: 'We cannot tell yet whether you have a conversation with us.',
}

const SPEAKERS = { visitor: 'You: ', desk: 'The desk: ', note: '' }

/** @param {'visitor' | 'desk' | 'note'} from @param {string} text @param {number} [at] */
function bubble(from, text, at) {
  const item = document.createElement('div')
  item.className = `bubble ${from}`
  const speaker = document.createElement('span')
  speaker.className = 'unseen'
  speaker.textContent = SPEAKERS[from]
  const body = document.createElement('p')
  body.append(speaker, text)
  item.append(body)
  if (at !== undefined) {
    const time = document.createElement('time')
    time.dateTime = new Date(at).toISOString()
    time.textContent = timeOfDay(at).slice(0, 5)
    item.append(time)
  }
  return item
}

/** @param {import('./session.js').State} state @param {string} question what the desk asks first */
function bubblesOf({ phase, messages, from, returning, trouble }, question) {
  if (phase === 'starting') return []
  if (phase !== 'open') return [bubble('desk', WELCOMES[phase] ?? `Hello. ${question}`), ...(trouble ? [bubble('note', trouble)] : [])]
  const lines = [bubble('desk', `${returning ? 'Hello again.' : 'Hello.'} ${question}`), ...messages.map((message) => bubble(message.from, message.text, message.at))]
  if (from) lines.push(bubble('note', `Picked up where you left off: your session came back from ${placeOf(from)}.`))
  return lines
}

/** @param {Element} list a region that a screen reader follows, so it is told only what is new @param {string} question */
export function openMessages(list, question) {
  const toEnd = () => {
    list.scrollTop = list.scrollHeight
  }
  // A phone's keyboard takes half the window; the newest message stays in sight.
  new ResizeObserver(toEnd).observe(list)

  return {
    /** @param {import('./session.js').State} state */
    draw(state) {
      const next = bubblesOf(state, question)
      const now = [...list.children]
      const keeps = now.length <= next.length && now.every((item, index) => item.isEqualNode(next[index]))
      if (keeps && now.length === next.length) return
      if (keeps) list.append(...next.slice(now.length))
      else list.replaceChildren(...next)
      toEnd()
    },
    note(text) {
      list.append(bubble('note', text))
      toEnd()
    },
  }
}
