import { useCallback, useSyncExternalStore } from 'react'
import type { LiveAnswer, LiveAnswers } from './live-answers'

/** The answer while it runs; undefined when it does not. Draws again with each of its frames, and for no other. */
export function useLiveAnswer(answers: LiveAnswers, messageId: string): LiveAnswer | undefined {
  const subscribe = useCallback((changed: () => void) => answers.subscribe(messageId, changed), [answers, messageId])
  return useSyncExternalStore(subscribe, () => answers.get(messageId))
}
