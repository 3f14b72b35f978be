using Npgsql;

namespace Chasqui.Server.Storage;

internal static class SqlDialect
{
    /// <summary>
    /// The condition that a column has a value of a list, whose parameter (<c>@ids</c>) is an array. Dapper expands lists, but
    /// not for PostgreSQL.
    /// </summary>
    public static string IsOneOf(this DbConnection connection, string column, string list) =>
        connection is NpgsqlConnection ? $"{column} = ANY({list})" : $"{column} IN {list}";

    /// <summary>Whether a subquery in FROM may use a table before it, and an array be one.</summary>
    public static bool HasLateral(this DbConnection connection) => connection is NpgsqlConnection;
}
