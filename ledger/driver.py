"""What asyncpg raises when PostgreSQL answers badly, or no longer."""

import asyncpg

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Everything of the driver's: three families without a common root. The last comes from a
connection that broke off in the middle of an exchange."""
