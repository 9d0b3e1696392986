import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { onSession } from '../api/client'
import { createQueryClient } from '../api/query-client'
import { sessionQueries } from '../api/session'
import { ToastProvider } from '../ui/toast'
import { newRouter } from './router'

export function App() {
  const [queries] = useState(createQueryClient)
  const [router] = useState(() => newRouter(queries))
  useEffect(() => onSession((me) => queries.setQueryData(sessionQueries.all(), me)), [queries])
  return (
    <QueryClientProvider client={queries}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  )
}
