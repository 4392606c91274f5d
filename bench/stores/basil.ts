import Basil from 'basil.js'
import type { MakeStore } from './store.js'

export const make: MakeStore = ({ form }) => {
  const basil = new Basil({ namespace: 'bench', storages: [form], expireDays: 1 })
  return {
    sync: true,
    set: (key, value) => basil.set(key, value),
    get: (key) => basil.get(key),
    keys: () => basil.keys(),
  }
}
