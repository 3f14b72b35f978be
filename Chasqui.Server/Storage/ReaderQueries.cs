namespace Chasqui.Server.Storage;

/// <summary>Dapper's queries, each on a connection of its own.</summary>
internal static class ReaderQueries
{
    public static async Task<T?> SingleOrDefaultAsync<T>(
        this DbDataSource readers, string sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }

    public static async Task<T?> ScalarAsync<T>(
        this DbDataSource readers, string sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }

    public static Task<IReadOnlyList<T>> ListAsync<T>(
        this DbDataSource readers, string sql, object? parameters, CancellationToken cancellationToken) =>
        readers.ListAsync<T>(_ => sql, parameters, cancellationToken);

    /// <summary>The same with a statement that depends on the database.</summary>
    public static async Task<IReadOnlyList<T>> ListAsync<T>(
        this DbDataSource readers, Func<DbConnection, string> sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<T>(new CommandDefinition(sql(connection), parameters, cancellationToken: cancellationToken))];
    }
}
