import localforage from 'localforage'
import type { MakeStore } from './store.js'

export const make: MakeStore = () => ({
  set: (key, value) => localforage.setItem(key, value),
  get: (key) => localforage.getItem(key),
  keys: () => localforage.keys(),
})
