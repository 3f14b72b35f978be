using System.Data.Common;

namespace Chasqui.Server.Storage;

/// <summary>A connection with the statements that were prepared on it.</summary>
internal abstract class Session(DbConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> _prepared = new(ReferenceEqualityComparer.Instance);

    /// <summary>For statements that are rare enough to be prepared each time.</summary>
    public DbConnection Connection => connection;

    /// <summary>
    /// A statement that stays prepared for as long as the connection lives, for what runs for every message or request.
    /// </summary>
    /// <param name="sql">A constant: it is found by reference.</param>
    /// <param name="parameters">The names of its parameters, in the order of <paramref name="values"/>.</param>
    /// <param name="values">Their values.</param>
    public DbCommand Command(string sql, string[] parameters, params ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Prepare(sql, parameters);
            _prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }

    public abstract void Dispose();

    protected void Close()
    {
        foreach (var command in _prepared.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }

    private DbCommand Prepare(string sql, string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }

        command.Prepare();
        return command;
    }
}
