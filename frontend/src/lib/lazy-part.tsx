import { type ComponentType, use } from 'react'

const loaders = new Set<() => Promise<unknown>>()

/**
 * A part that is not needed at first. It is loaded once the page has nothing else to do, or when it is shown before;
 * then it suspends. Once it is there it is shown at once.
 */
export function lazyPart<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loading: Promise<ComponentType<Props>> | null = null

  const once = () => {
    if (loading === null) {
      const promise = load()
      loading = promise
      promise.then(
        // React reads this: what is there already is shown without suspending first.
        (value) => Object.assign(promise, { status: 'fulfilled', value }),
        () => {
          loading = null
        },
      )
    }
    return loading
  }
  loaders.add(once)
  whenIdle(once)

  // biome-ignore lint/correctness/noComponentHookFactories: called once per part, at the top of a module, like lazy()
  return function LazyPart(props: Props) {
    const Part = use(once())
    return <Part {...props} />
  }
}

/** Loads everything that is known to be needed later; for tests, which look at pages that were open for a while. */
export async function loadLazyParts(): Promise<void> {
  // A part brings its own lazy parts.
  for (let known = 0; known < loaders.size; ) {
    known = loaders.size
    await Promise.all([...loaders].map((load) => load()))
  }
}

function whenIdle(load: () => Promise<unknown>): void {
  // Safari has no requestIdleCallback; there the part waits until it is shown. A failure now is no failure: the part is
  // asked for again when it is shown.
  if (typeof requestIdleCallback === 'function') requestIdleCallback(() => load().catch(() => null), { timeout: 3000 })
}
