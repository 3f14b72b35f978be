using System.Data.Common;
using Npgsql;

namespace Chasqui.Server.Storage;

internal static class SqlDialect
{
    /// <summary>The condition that a column has a value of a list. Dapper expands lists, but not for PostgreSQL.</summary>
    /// <param name="connection">The connection that runs the statement.</param>
    /// <param name="column">The column.</param>
    /// <param name="list">The name of the parameter, with its <c>@</c>. Its value is an array.</param>
    public static string IsOneOf(this DbConnection connection, string column, string list) =>
        connection is NpgsqlConnection ? $"{column} = ANY({list})" : $"{column} IN {list}";
}
