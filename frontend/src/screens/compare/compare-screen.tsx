import { useParams } from '@tanstack/react-router'
import { BegunComparison } from './begun-comparison'
import { NewComparison } from './new-comparison'

export function NewCompareScreen() {
  return <NewComparison />
}

export function CompareScreen() {
  const { conversationId } = useParams({ from: '/app/compare/$conversationId' })
  return <BegunComparison key={conversationId} id={conversationId} />
}
