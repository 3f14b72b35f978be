using System.Data.Common;
using Npgsql;

namespace Chasqui.Server.Storage;

/// <summary>What the SQL of both databases does not have in common, beside <see cref="MessageTable"/>.</summary>
internal static class SqlDialect
{
    /// <summary>The condition that a column holds one of a list: Dapper spells lists out, but not for PostgreSQL.</summary>
    /// <param name="connection">Where it is asked.</param>
    /// <param name="column">The column.</param>
    /// <param name="list">The name of the parameter, with its <c>@</c>; its value is an array.</param>
    public static string IsOneOf(this DbConnection connection, string column, string list) =>
        connection is NpgsqlConnection ? $"{column} = ANY({list})" : $"{column} IN {list}";

    /// <summary>
    /// Writes down <c>@now</c> as the time when the database was last seen to take writes. In PostgreSQL another server may be
    /// doing just that, and if it stands still nobody must wait for it.
    /// </summary>
    public static string TouchHealth(DbConnection connection) => connection is NpgsqlConnection
        ? "UPDATE health SET checked_at = @now WHERE id = (SELECT id FROM health WHERE id = 1 FOR UPDATE SKIP LOCKED)"
        : "UPDATE health SET checked_at = @now WHERE id = 1";
}
