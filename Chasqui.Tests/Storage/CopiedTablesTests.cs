using Chasqui.Server.Storage.Copying;
using Chasqui.Tests.Support;
using Dapper;

namespace Chasqui.Tests.Storage;

/// <summary><c>storage copy</c> takes the columns from PostgreSQL: both schemas must have the same.</summary>
[PostgresTests]
public sealed class CopiedTablesTests(TestServer sqlite, PostgresServer postgres) : IClassFixture<TestServer>, IClassFixture<PostgresServer>
{
    /// <summary>The tables of the view <c>messages</c>.</summary>
    private static readonly string[] OfTheView = ["settled_messages", "recent_messages"];

    [Fact]
    public async Task EveryColumnOfBothSchemasIsCopied()
    {
        await using var source = sqlite.OpenDatabase();
        await using var target = postgres.OpenDatabase();

        var inSqlite = Copied(await source.QueryAsync<(string Table, string Column)>("""
            SELECT entry.name, info.name FROM sqlite_master entry JOIN pragma_table_info(entry.name) info
            WHERE entry.type IN ('table', 'view') AND entry.name NOT LIKE 'sqlite_%'
            """));
        var inPostgres = Copied(await target.QueryAsync<(string Table, string Column)>(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"));

        Assert.Equal(inSqlite, inPostgres);
        Assert.Equal(CopyTarget.Names.Order(), inPostgres.Select(column => column.Table).Distinct().Order());
    }

    private static (string Table, string Column)[] Copied(IEnumerable<(string Table, string Column)> columns) =>
        [.. columns.Where(column => !CopyTarget.NotCopied.Concat(OfTheView).Contains(column.Table)).Order()];
}
