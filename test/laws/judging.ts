import type { Receipt } from '../../src/route.js'
import type { Change } from './changed.js'
import type { Dealing, Deed } from './deeds.js'
import { dealingsOf } from './deeds.js'
import { demand } from './law-broken.js'
import type { Run } from './operation.js'
import { checkReadable, checkReading, writesOf } from './reading.js'
import type { Call } from './recorder.js'
import type { Key, Lasting } from './schedule.js'
import { KEYS, valueFor } from './schedule.js'
import { checkDamage } from './traces.js'
import { checkAsked } from './waiting.js'
import type { World } from './world.js'
import { nameOf } from './world.js'
import { noteClear, noteRemoval, noteSet } from './writing.js'

export const dealings = (world: World, run: Run, key: string): Dealing[] =>
  dealingsOf(run, world.rulingOf(key).chain, nameOf(key as Key))

const changeOf = (world: World, run: Run, key: string, error: unknown): Change => ({
  title: run.title, page: run.page, key, start: run.step, end: run.step, clock: run.clock, before: run.before, alone: run.alone, dealings: dealings(world, run, key), error,
})

/** What was found by a take or a touch, once what they changed is noted too. */
export const checkFound = (world: World, deeds: Deed[], run: Run, key: string, value: unknown, presence = false): void =>
  checkReading(world, deeds, { title: run.title, key, page: run.page, value, start: run.step, clock: run.clock, dealings: dealings(world, run, key), presence })

const noteTouch = (world: World, deeds: Deed[], run: Run, key: Key, ttl: Lasting): void => {
  const { value, error } = run.settled!
  // Beside another operation it is not known which of them wrote what.
  const change = changeOf(world, run, key, run.alone ? error : 'gone')
  const entries = change.dealings.flatMap(({ asked }) => asked.flatMap((one) => ('entry' in one.change && one.change.entry.text !== null ? one.change.entry : [])))
  const texts = new Set(entries.map(({ text }) => text!))
  if (error === undefined && value === undefined) return
  if (error === undefined) demand(texts.size, 6, () => `${run.title} was given a receipt, though no tier was asked`)
  // Where a later value was met meanwhile, it is found again: the one that was stamped last is what was touched.
  const last = entries.reduce((one, other) => (other.stamp > one.stamp ? other : one), entries[0]!)
  for (const text of texts) {
    const done = run.alone && error === undefined && text === last.text
    if (done) checkFound(world, deeds, run, key, JSON.parse(text))
    noteSet(world, deeds, { ...change, error: done || error !== undefined ? change.error : 'gone', based: writesOf(deeds, run, key, JSON.parse(text), run.step) }, text, ttl, done ? (value as Receipt) : undefined)
  }
}

/** Notes what an operation changed. */
export const note = (world: World, deeds: Deed[], run: Run): void => {
  const { operation, number } = run
  const { value, error } = run.settled!
  const ttlOf = (key: string): Lasting => ('ttl' in operation ? operation.ttl : undefined) ?? world.rulingOf(key).ttl
  switch (operation.do) {
    case 'set':
      return noteSet(world, deeds, changeOf(world, run, operation.key, error), JSON.stringify(valueFor(operation.value, number)), ttlOf(operation.key), value as Receipt | undefined)
    case 'setMany':
      return operation.entries.forEach(({ key, value: wanted }, index) => {
        const receipt = error === undefined ? (value as Map<string, Receipt>).get(key) : undefined
        // Which of several failed is told by the places that took them.
        const change = changeOf(world, run, key, error === undefined ? undefined : 'gone')
        noteSet(world, deeds, change, JSON.stringify(valueFor(wanted, number + index / 10)), ttlOf(key), receipt)
      })
    case 'touch': return noteTouch(world, deeds, run, operation.key, ttlOf(operation.key))
    case 'remove': return noteRemoval(world, deeds, changeOf(world, run, operation.key, error))
    case 'take':
      if (value !== undefined || error !== undefined) noteRemoval(world, deeds, { ...changeOf(world, run, operation.key, error), based: error === undefined ? writesOf(deeds, run, operation.key, value, run.step) : undefined })
      return
    case 'clear': {
      const everything = dealingsOf(run, world.schedule.chain, 'chat.')
      noteClear(world, deeds, { ...changeOf(world, run, 'token', error), key: undefined, dealings: everything })
      return
    }
  }
}

/** Judges what an operation answered. `concerns`: the keys whose listing is judged here. */
export const judge = (world: World, deeds: Deed[], run: Run, concerns: (key: Key) => boolean = () => true): void => {
  const { operation, title, page } = run
  const { value, error } = run.settled!
  const readable = (key: string): void => checkReadable(world, title, dealings(world, run, key), error)
  const heard = (key: string): void => checkDamage(run, key, dealings(world, run, key), world.beneathFailed)
  switch (operation.do) {
    case 'get': case 'has':
      readable(operation.key)
      if (error !== undefined) return
      if (run.alone) heard(operation.key)
      checkAsked(world, run, operation.key)
      return checkFound(world, deeds, run, operation.key, operation.do === 'has' ? value || undefined : value, operation.do === 'has')
    case 'getMany':
      if (error !== undefined) return demand(operation.keys.some((key) => !dealings(world, run, key).some(({ read }) => read)), 6, () => `${title} rejected, though each key could be read`)
      return operation.keys.forEach((key) => checkFound(world, deeds, run, key, (value as Map<string, unknown>).get(key)))
    case 'touch':
      return error === undefined && value === undefined ? checkFound(world, deeds, run, operation.key, undefined) : undefined
    case 'take':
      return error === undefined ? checkFound(world, deeds, run, operation.key, value) : undefined
    case 'keys': {
      const calls = page.calls.slice(run.since)
      const listed = (one: Call): boolean => one.verb === 'names' && one.state === 'answered' && (error === undefined || one.started === run.began)
      if (error === undefined) demand(calls.some(listed), 6, () => `${title} answered, though no tier could be read`)
      else return demand(!calls.some((one) => listed(one) && calls.every(({ place, state }) => place !== one.place || state === 'answered')), 6, () => `${title} rejected, though a tier could be read`)
      const keys = value as string[]
      demand(new Set(keys).size === keys.length && keys.every((key) => KEYS.includes(key as Key)), 8, () => `${title} listed ${keys.join(', ')}`)
      return keys.filter((key) => concerns(key as Key)).forEach((key) => checkFound(world, deeds, run, key, 'listed', true))
    }
    case 'sweep': {
      if (error !== undefined) return demand(world.implementation.isStorageError(error) && error.code === 'no-tier', 6, () => `${title} rejected with ${String(error)}`)
      return demand(Number.isInteger(value), 4, () => `${title} answered ${String(value)}`)
    }
    case 'remove': case 'set':
      return error === undefined ? checkAsked(world, run, operation.key) : undefined
  }
}
