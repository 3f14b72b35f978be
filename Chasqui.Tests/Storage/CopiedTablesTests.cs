using Chasqui.Server.Storage.Copying;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

/// <summary>Every table of <c>sql/</c> is copied or listed as left out.</summary>
/// <param name="server">It has made the tables.</param>
/// <param name="columnsSql">Which columns there are: table and name of each.</param>
/// <param name="parts">Tables that are copied under another name.</param>
public abstract class CopiedTablesTests(TestServer server, string columnsSql, params string[] parts)
{
    [Fact]
    public async Task EveryColumnOfEveryTableIsCopied()
    {
        await using var database = server.OpenDatabase();
        var there = (await database.QueryAsync<(string Table, string Column)>(columnsSql))
            .Where(column => !CopiedTables.LeftOut.Concat(parts).Contains(column.Table));

        var copied = CopiedTables.All.SelectMany(table => table.Columns.Select(column => (table.Name, column.Name)));

        Assert.Equal(there.Order(), copied.Order());
    }
}

public sealed class SqliteCopiedTablesTests(TestServer server) : CopiedTablesTests(
    server,
    """
    SELECT entry.name, info.name FROM sqlite_master entry JOIN pragma_table_info(entry.name) info
    WHERE entry.type IN ('table', 'view') AND entry.name NOT LIKE 'sqlite_%'
    """,
    // What the view 'messages' is of.
    "settled_messages", "recent_messages"), IClassFixture<TestServer>;

[PostgresTests]
public sealed class PostgresCopiedTablesTests(PostgresServer server) : CopiedTablesTests(
    server, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"), IClassFixture<PostgresServer>;
