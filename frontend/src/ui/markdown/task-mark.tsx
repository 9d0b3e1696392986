import { Square, SquareCheckBig } from 'lucide-react'
import { useTranslation } from '../../i18n/use-translation'

/** Whether an item of a task list is done. */
export function TaskMark({ done }: { done: boolean }) {
  const { t } = useTranslation('markdown')
  const Icon = done ? SquareCheckBig : Square
  return <Icon className="md-task" role="img" aria-label={done ? t('task.done') : t('task.open')} />
}
