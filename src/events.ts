import type { Events } from './surface.js'

export interface Emitter {
  on<Type extends keyof Events>(event: Type, listener: (detail: Events[Type]) => void): () => void
  emit<Type extends keyof Events>(event: Type, detail: Events[Type]): void
}

export const createEmitter = (): Emitter => {
  const listeners = new Set<{ event: string; listener: (detail: never) => void }>()
  return {
    on(event, listener) {
      const one = { event, listener }
      listeners.add(one)
      return () => void listeners.delete(one)
    },
    emit(event, detail) {
      for (const one of listeners)
        if (one.event === event)
          try {
            one.listener(detail as never)
          } catch {
            // A listener is the host's code: what it throws is not ours to pass on.
          }
    },
  }
}
